-- 530: pictures of lots on their way. They are files, and a backup is one file: `market backup` writes them into this table of its copy,
-- `market restore` takes them out again. In a database that is served it is empty.
CREATE TABLE picture_file (
    path TEXT NOT NULL PRIMARY KEY CHECK (length(path) BETWEEN 10 AND 200),  -- as in lot.picture
    bytes TEXT NOT NULL CHECK (length(bytes) <= 400000)                      -- base64
) STRICT;

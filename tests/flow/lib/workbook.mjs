// workbook.mjs: a small XLSX file, as a bank's export would be: a ZIP of stored parts (APPNOTE 4.3.7), cells with their text inside.
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
});
const crc32 = (bytes) => ~bytes.reduce((c, b) => TABLE[(c ^ b) & 255] ^ (c >>> 8), -1) >>> 0;

function zip(parts) {
    const [files, index] = [[], []];
    let at = 0;
    for (const [name, text] of Object.entries(parts)) {
        const [title, body] = [Buffer.from(name), Buffer.from(text)];
        const shared = Buffer.alloc(26);                       // from "version needed" to "extra length"
        shared.writeUInt16LE(20, 0);
        shared.writeUInt16LE(0x21, 8);                         // 1 January 1980
        shared.writeUInt32LE(crc32(body), 10);
        shared.writeUInt32LE(body.length, 14);
        shared.writeUInt32LE(body.length, 18);
        shared.writeUInt16LE(title.length, 22);
        const place = Buffer.alloc(14);                        // from "comment length" to "offset"
        place.writeUInt32LE(at, 10);
        files.push(Buffer.from('PK\x03\x04'), shared, title, body);
        index.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, place, title);
        at += 30 + title.length + body.length;
    }
    const list = Buffer.concat(index);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(Object.keys(parts).length, 8);
    end.writeUInt16LE(Object.keys(parts).length, 10);
    end.writeUInt32LE(list.length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...files, list, end]);
}

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** Rows of texts → the bytes of a workbook with one sheet. */
export function workbook(table) {
    const cell = (text, column, row) => `<c r="${String.fromCharCode(65 + column)}${row}" t="inlineStr"><is><t>${escape(text)}</t></is></c>`;
    const rows = table.map((cells, r) => `<row r="${r + 1}">${cells.map((text, c) => cell(text, c, r + 1)).join('')}</row>`).join('');
    const head = '<?xml version="1.0" encoding="UTF-8"?>';
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    return zip({
        '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
        'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    });
}

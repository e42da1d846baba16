# The edge's unit tests; included by CMakeLists.txt beside it.
add_subdirectory(edge)

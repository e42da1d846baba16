# Units of the money modules; included by tests/unit/market/CMakeLists.txt.
foreach(noun tlv vietqr bank memo qrimage vntime canon hook amount sheet statement split tax taxrate paystate ledger credit settle bankbook moneylife)
    unit_test(pay_${noun} SOURCES ${CMAKE_CURRENT_LIST_DIR}/pay/test_${noun}.c LIBS trade)
endforeach()
# Workbooks to read are written by a library of others.
# Without pkg-config: on Debian 13 its file adds minizip's folder, whose zip.h would hide libzip's.
find_library(XLSXWRITER xlsxwriter REQUIRED)
# Imported targets do not cross folders.
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
target_link_libraries(test_pay_sheet PRIVATE ${XLSXWRITER} PkgConfig::ZIP)
target_link_libraries(test_pay_settle PRIVATE PkgConfig::SQLITE)

# Money: VietQR, memos, bank notices, statements, the ledger. Included by market/trade/CMakeLists.txt; the sources belong to `trade`.
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)

if(NOT TARGET trade)
    add_library(trade STATIC)
    target_link_libraries(trade PUBLIC base)
endif()
target_sources(trade PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/amount.c
    ${CMAKE_CURRENT_LIST_DIR}/audit.c
    ${CMAKE_CURRENT_LIST_DIR}/bank.c
    ${CMAKE_CURRENT_LIST_DIR}/bank_event.c
    ${CMAKE_CURRENT_LIST_DIR}/bankbook.c
    ${CMAKE_CURRENT_LIST_DIR}/bankbook_decide.c
    ${CMAKE_CURRENT_LIST_DIR}/books.c
    ${CMAKE_CURRENT_LIST_DIR}/canon.c
    ${CMAKE_CURRENT_LIST_DIR}/carrier.c
    ${CMAKE_CURRENT_LIST_DIR}/cash.c
    ${CMAKE_CURRENT_LIST_DIR}/cod.c
    ${CMAKE_CURRENT_LIST_DIR}/codrule.c
    ${CMAKE_CURRENT_LIST_DIR}/credit.c
    ${CMAKE_CURRENT_LIST_DIR}/fold.c
    ${CMAKE_CURRENT_LIST_DIR}/hook.c
    ${CMAKE_CURRENT_LIST_DIR}/hook_read.c
    ${CMAKE_CURRENT_LIST_DIR}/ledger.c
    ${CMAKE_CURRENT_LIST_DIR}/memo.c
    ${CMAKE_CURRENT_LIST_DIR}/outgoing.c
    ${CMAKE_CURRENT_LIST_DIR}/pay_cli.c
    ${CMAKE_CURRENT_LIST_DIR}/payee.c
    ${CMAKE_CURRENT_LIST_DIR}/paystate.c
    ${CMAKE_CURRENT_LIST_DIR}/paytask.c
    ${CMAKE_CURRENT_LIST_DIR}/qrimage.c
    ${CMAKE_CURRENT_LIST_DIR}/refund.c
    ${CMAKE_CURRENT_LIST_DIR}/remit.c
    ${CMAKE_CURRENT_LIST_DIR}/settle.c
    ${CMAKE_CURRENT_LIST_DIR}/sheet.c
    ${CMAKE_CURRENT_LIST_DIR}/sheet_csv.c
    ${CMAKE_CURRENT_LIST_DIR}/sheet_xlsx.c
    ${CMAKE_CURRENT_LIST_DIR}/split.c
    ${CMAKE_CURRENT_LIST_DIR}/statement.c
    ${CMAKE_CURRENT_LIST_DIR}/statement_columns.c
    ${CMAKE_CURRENT_LIST_DIR}/tax.c
    ${CMAKE_CURRENT_LIST_DIR}/taxrate.c
    ${CMAKE_CURRENT_LIST_DIR}/tlv.c
    ${CMAKE_CURRENT_LIST_DIR}/vietqr.c
    ${CMAKE_CURRENT_LIST_DIR}/vntime.c
)
target_link_libraries(trade PRIVATE PkgConfig::QRENCODE PkgConfig::PNG PkgConfig::SODIUM PkgConfig::ZIP PkgConfig::EXPAT m)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/bank.c TARGET_DIRECTORY trade PROPERTIES
    COMPILE_DEFINITIONS "BANKS_TSV=\"${CMAKE_CURRENT_LIST_DIR}/banks.tsv\""
    OBJECT_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/banks.tsv)

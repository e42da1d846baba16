# Units of the money modules; included by tests/unit/market/CMakeLists.txt.
foreach(noun tlv vietqr bank memo qrimage vntime canon hook)
    unit_test(pay_${noun} SOURCES ${CMAKE_CURRENT_LIST_DIR}/pay/test_${noun}.c LIBS trade)
endforeach()

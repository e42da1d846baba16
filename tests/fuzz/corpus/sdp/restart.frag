a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
m=audio 9 UDP/TLS/RTP/SAVPF 0
a=mid:0

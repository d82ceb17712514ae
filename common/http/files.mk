common_libblesec_a_SOURCES += \
	%D%/crl-fetch.c %D%/crl-fetch.h \
	%D%/est-answer.c %D%/est-answer.h \
	%D%/est-attributes.c %D%/est-attributes.h \
	%D%/est-chain.c %D%/est-chain.h \
	%D%/est-connect.c %D%/est-connect.h \
	%D%/est-http.c %D%/est-http.h \
	%D%/est.c %D%/est.h \
	%D%/http.c %D%/http.h

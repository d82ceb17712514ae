common_libblesec_a_SOURCES += \
	%D%/crl-fetch.c %D%/crl-fetch.h \
	%D%/est-answer.c %D%/est-answer.h \
	%D%/est-connect.c %D%/est-connect.h \
	%D%/est.c %D%/est.h \
	%D%/http.c %D%/http.h

common_libblesec_a_SOURCES += \
	%D%/verdict.c %D%/verdict.h \
	%D%/verify-ca.c %D%/verify-ca.h \
	%D%/verify-peer.c %D%/verify-peer.h \
	%D%/verify.c %D%/verify.h

common_libblesec_a_SOURCES += \
	%D%/cert.c %D%/cert.h \
	%D%/crl.c %D%/crl.h \
	%D%/identity.c %D%/identity.h \
	%D%/policy.c %D%/policy.h \
	%D%/trust.c %D%/trust.h

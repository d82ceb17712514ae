common_libblesec_a_SOURCES += \
	%D%/key.c %D%/key.h \
	%D%/sign-limit.c %D%/sign-limit.h \
	%D%/signer-provider.c %D%/signer-provider.h \
	%D%/signer-request.c %D%/signer-request.h \
	%D%/signer.c %D%/signer.h \
	%D%/tpm-key.c %D%/tpm-key.h \
	%D%/tpm-make.c %D%/tpm-make.h \
	%D%/tpm.c %D%/tpm.h

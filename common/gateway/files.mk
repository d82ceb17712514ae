common_libblesec_a_SOURCES += \
	%D%/gateway-link.c %D%/gateway-link.h \
	%D%/gateway-part.h \
	%D%/gateway-process.c %D%/gateway-process.h \
	%D%/gateway-share.c \
	%D%/gateway-view.c %D%/gateway-view.h \
	%D%/gateway.c %D%/gateway.h

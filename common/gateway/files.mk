common_libblesec_a_SOURCES += \
	%D%/gateway-central.c %D%/gateway-central.h \
	%D%/gateway-link.c %D%/gateway-link.h \
	%D%/gateway-process.c %D%/gateway-process.h \
	%D%/gateway-share.c %D%/gateway-share.h \
	%D%/gateway-view.c %D%/gateway-view.h \
	%D%/gateway.c %D%/gateway.h

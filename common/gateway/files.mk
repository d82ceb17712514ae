common_libblesec_a_SOURCES += \
	%D%/gateway-central.c \
	%D%/gateway-own.c \
	%D%/gateway-part.h \
	%D%/gateway-peripheral.c \
	%D%/gateway-prepare.c \
	%D%/gateway-process.c %D%/gateway-process.h \
	%D%/gateway-request.c \
	%D%/gateway-share.c \
	%D%/gateway-view.c \
	%D%/gateway.c %D%/gateway.h

common_libblesec_a_SOURCES += \
	%D%/alert.c %D%/alert.h \
	%D%/channel.c %D%/channel.h \
	%D%/credentials.c %D%/credentials.h \
	%D%/tunnel.c %D%/tunnel.h

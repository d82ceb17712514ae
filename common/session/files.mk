common_libblesec_a_SOURCES += \
	%D%/session-att.c %D%/session-att.h \
	%D%/session-channel.c %D%/session-channel.h \
	%D%/session-core.c %D%/session-core.h \
	%D%/session-gatt.c %D%/session-gatt.h \
	%D%/session-link.c %D%/session-link.h \
	%D%/session.c %D%/session.h

common_libblesec_a_SOURCES += \
	%D%/session-att.c \
	%D%/session-gatt.c %D%/session-gatt.h \
	%D%/session-link.c \
	%D%/session-message.c \
	%D%/session-part.h \
	%D%/session-plain.c \
	%D%/session.c %D%/session.h

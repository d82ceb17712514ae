common_libblesec_a_SOURCES += \
	%D%/att.c %D%/att.h \
	%D%/gatt-access.c \
	%D%/gatt-client.c %D%/gatt-client.h \
	%D%/gatt-db.c %D%/gatt-db.h \
	%D%/gatt-explorer-discover.c \
	%D%/gatt-explorer-operate.c \
	%D%/gatt-explorer-step.h \
	%D%/gatt-explorer.c %D%/gatt-explorer.h \
	%D%/gatt-read.c \
	%D%/gatt-request.h \
	%D%/gatt-server.c %D%/gatt-server.h \
	%D%/gatt-signature.c %D%/gatt-signature.h \
	%D%/gatt-write.c

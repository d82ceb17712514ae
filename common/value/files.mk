common_libblesec_a_SOURCES += \
	%D%/ad.c %D%/ad.h \
	%D%/gatt-assigned.c %D%/gatt-assigned.h \
	%D%/gatt-encode.c \
	%D%/gatt-format.c %D%/gatt-format.h \
	%D%/gatt-value.c %D%/gatt-value.h

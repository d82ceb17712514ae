common_libblesec_a_SOURCES += \
	%D%/gatt-command.c %D%/gatt-command.h \
	%D%/gatt-profile-member.c \
	%D%/gatt-profile-load.h \
	%D%/gatt-profile-value.c \
	%D%/gatt-profile.c %D%/gatt-profile.h

common_libblesec_a_SOURCES += \
	%D%/carry-command.c \
	%D%/carry-explore.c \
	%D%/carry-gateway.c \
	%D%/carry-gatt.c \
	%D%/carry-lines.c \
	%D%/carry.h \
	%D%/endpoint-identity.c \
	%D%/endpoint.c %D%/endpoint.h \
	%D%/hub-pairing.c %D%/hub-pairing.h \
	%D%/hub-part.h \
	%D%/hub-peers.c \
	%D%/hub.c %D%/hub.h \
	%D%/peer.c %D%/peer.h \
	%D%/version.c %D%/version.h

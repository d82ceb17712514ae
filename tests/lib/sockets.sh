# shellcheck shell=bash
# listens PATH: is somebody there already, at the socket that was bound by this
# path?  The file is there a moment earlier.
listens() {
	awk -v path="$1" '$4 == "00010000" && $NF == path { found = 1 }
		END { exit !found }' /proc/net/unix
}

# free_port: a TCP port without a listener, which the kernel does not hand out
free_port() {
	local port
	while
		port=$((20000 + RANDOM % 12000))
		(: </dev/tcp/127.0.0.1/$port) 2>/dev/null
	do :; done
	echo "$port"
}

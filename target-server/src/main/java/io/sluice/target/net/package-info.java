/** Event loops, portals, connections' sockets: bytes in, bytes out; knows nothing of iSCSI. */
@NullMarked
package io.sluice.target.net;

import org.jspecify.annotations.NullMarked;

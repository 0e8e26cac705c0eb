/** What passes between alerts, the store of incidents and the channels that tell people. */
@NullMarked
package dev.tocsin.incident.ports;

import org.jspecify.annotations.NullMarked;

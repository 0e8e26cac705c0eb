/** What the notifiers share: guarded HTTP and the words of a message. */
@NullMarked
package dev.tocsin.incident.notify;

import org.jspecify.annotations.NullMarked;

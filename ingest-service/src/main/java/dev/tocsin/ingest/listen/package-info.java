/** Connections: how many, how long they may take to say something, TLS, and how they end. */
@NullMarked
package dev.tocsin.ingest.listen;

import org.jspecify.annotations.NullMarked;

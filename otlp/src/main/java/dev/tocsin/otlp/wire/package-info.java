/** Reading, counting and splitting OTLP requests as bytes, without generated classes. */
@NullMarked
package dev.tocsin.otlp.wire;

import org.jspecify.annotations.NullMarked;

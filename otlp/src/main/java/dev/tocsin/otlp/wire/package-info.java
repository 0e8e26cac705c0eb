/**
 * Reading, counting, mending and splitting OTLP requests as bytes, without generated classes.
 *
 * <p>One package because all of it walks the same bytes by the same schemas and cursor, which
 * nobody else should.
 */
@NullMarked
package dev.tocsin.otlp.wire;

import org.jspecify.annotations.NullMarked;

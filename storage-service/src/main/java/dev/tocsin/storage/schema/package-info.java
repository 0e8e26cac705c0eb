/** The schema telemetry: its migrations, and values as its statements take them. */
@NullMarked
package dev.tocsin.storage.schema;

import org.jspecify.annotations.NullMarked;

/** OTLP/JSON as OTLP means it, which is not quite protobuf's JSON. */
@NullMarked
package dev.tocsin.otlp.json;

import org.jspecify.annotations.NullMarked;

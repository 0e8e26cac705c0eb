package dev.tocsin.storage.segment;

import io.opentelemetry.proto.trace.v1.Span;

/** A span with its resource and scope. */
public record SpanItem(Origin origin, Span span) {}

package dev.tocsin.segment.span;

import dev.tocsin.segment.core.Origin;
import io.opentelemetry.proto.trace.v1.Span;

/** A span with its resource and scope. */
public record SpanItem(Origin origin, Span span) {}

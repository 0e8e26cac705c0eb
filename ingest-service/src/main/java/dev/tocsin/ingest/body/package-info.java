/** Bodies as they arrive: collected, inflated within limits, JSON made protobuf. */
@NullMarked
package dev.tocsin.ingest.body;

import org.jspecify.annotations.NullMarked;

/**
 * {@code tocsin bench}: load for any OTLP receiver, and what it made of it. The core ({@link
 * dev.tocsin.app.bench.LoadLane}, {@link dev.tocsin.app.bench.Schedule}, the batches) knows no
 * network and no clock; {@link dev.tocsin.app.bench.HttpWire} and {@link
 * dev.tocsin.app.bench.BenchRun} do.
 *
 * <p>One package because load, its timing and its account are one measurement; nobody uses a part.
 */
@NullMarked
package dev.tocsin.app.bench;

import org.jspecify.annotations.NullMarked;

package dev.tocsin.testkit.fault;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A fault that waits for its moment.
 *
 * @param texts what a connection has to send first, in this order
 * @param springs what then happens, to this connection or all, before the next byte is moved
 * @param done completes when it has happened
 */
record Trap(List<String> texts, Consumer<Link> springs, CompletableFuture<Void> done) {
  static final Trap NONE = new Trap(List.of(), link -> {}, new CompletableFuture<>());
}

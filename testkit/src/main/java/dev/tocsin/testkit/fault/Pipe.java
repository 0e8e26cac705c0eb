package dev.tocsin.testkit.fault;

import dev.tocsin.testkit.fault.Passage.Flow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** One direction of one connection; used by the proxy's thread only. */
final class Pipe {
  /** More is not read before some has gone on: the sender feels the receiver's pace. */
  private static final int QUEUED_BYTES_MAX = 256 << 10;

  /** What became of the bytes that were due. */
  enum Outcome {
    GOES_ON,
    /** All there will be has passed. */
    DONE,
    /** The connection is to be reset. */
    CUT
  }

  private record Chunk(ByteBuffer bytes, long dueNanos) {}

  private final SocketChannel from;
  private final SocketChannel to;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private Passage passage;
  private int queuedBytes;
  private long passed;
  private long passedInAll;
  private boolean ended;
  private boolean done;
  private boolean lost;

  Pipe(SocketChannel from, SocketChannel to, Passage passage) {
    this.from = from;
    this.to = to;
    this.passage = passage;
  }

  /** Returns false when the connection has lost bytes and cannot go on. */
  boolean apply(Passage next) {
    passage = next;
    passed = 0;
    return !lost || next.flow() == Flow.SWALLOW;
  }

  boolean wantsToRead() {
    return !ended && passage.flow() != Flow.STALL && queuedBytes < QUEUED_BYTES_MAX;
  }

  boolean wantsToWrite(long nowNanos) {
    Chunk first = chunks.peek();
    return first != null && passage.flow() == Flow.PASS && first.dueNanos - nowNanos <= 0;
  }

  /** How long until the next chunk is due; {@code Long.MAX_VALUE} when none is on its way. */
  long waitNanos(long nowNanos) {
    Chunk first = chunks.peek();
    // Of one that is due and could not be written, the selector tells when it can.
    return first == null || passage.flow() != Flow.PASS || first.dueNanos - nowNanos <= 0
        ? Long.MAX_VALUE
        : first.dueNanos - nowNanos;
  }

  /** Takes what came; the bytes, or none at the end and when nothing came. */
  byte[] read(ByteBuffer scratch, long nowNanos) throws IOException {
    int count = from.read(scratch.clear());
    if (count < 0) {
      ended = true;
    }
    if (count <= 0) {
      return new byte[0];
    }
    byte[] bytes = new byte[count];
    scratch.flip().get(bytes);
    if (passage.flow() == Flow.SWALLOW) {
      lost = true;
    } else {
      chunks.add(new Chunk(ByteBuffer.wrap(bytes), nowNanos + passage.latency().toNanos()));
      queuedBytes += count;
    }
    return bytes;
  }

  Outcome write(long nowNanos) throws IOException {
    while (wantsToWrite(nowNanos)) {
      ByteBuffer bytes = chunks.element().bytes;
      long allowed = passage.bytesMax() - passed;
      if (allowed <= 0) {
        return Outcome.CUT;
      }
      int limit = bytes.limit();
      bytes.limit((int) Math.min(limit, bytes.position() + Math.min(allowed, 1 << 30)));
      int count = to.write(bytes);
      bytes.limit(limit);
      passed += count;
      passedInAll += count;
      queuedBytes -= count;
      if (passed == passage.bytesMax()) {
        return Outcome.CUT;
      }
      if (bytes.hasRemaining()) {
        return Outcome.GOES_ON;
      }
      chunks.remove();
    }
    if (ended && chunks.isEmpty() && !done && passage.flow() == Flow.PASS) {
      done = true;
      to.shutdownOutput();
    }
    return done ? Outcome.DONE : Outcome.GOES_ON;
  }

  long passedInAll() {
    return passedInAll;
  }
}

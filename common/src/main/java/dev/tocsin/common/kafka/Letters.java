package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.DeadLetterHeaders;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Dead letters under way. Used by the kernel's thread only. */
final class Letters {
  private static final long TIMEOUT_SECONDS = 60;

  private final Aside aside;
  private final Learnt learnt;
  private final List<Letter> underWay = new ArrayList<>();

  private record Letter(TopicPartition partition, long offset, Future<Void> outcome) {}

  Letters(Aside aside, Learnt learnt) {
    this.aside = aside;
    this.learnt = learnt;
  }

  /** See {@link Aside#isForOthers}. */
  boolean isForOthers(ConsumerRecord<byte[], byte[]> message) {
    return aside.isForOthers(message);
  }

  /** A record that is read again, because others of its range failed, needs no second letter. */
  void put(ConsumerRecord<byte[], byte[]> message, Verdict.PutAside why) {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    if (learnt.isLetterSafe(partition, message.offset())) {
      return;
    }
    byte[] value = why.value();
    ConsumerRecord<byte[], byte[]> letter = value == null ? message : withValue(message, value);
    underWay.add(
        new Letter(partition, message.offset(), aside.put(letter, why.reason(), why.detail())));
  }

  private static ConsumerRecord<byte[], byte[]> withValue(
      ConsumerRecord<byte[], byte[]> message, byte[] value) {
    ConsumerRecord<byte[], byte[]> changed =
        new ConsumerRecord<>(
            message.topic(), message.partition(), message.offset(), message.key(), value);
    message.headers().forEach(changed.headers()::add);
    if (Arrays.equals(value, message.value())) {
      changed.headers().add(DeadLetterHeaders.PARTLY_STORED, new byte[0]);
    }
    return changed;
  }

  /**
   * Waits for those under way; no offset may move past a record before its letter is safe.
   *
   * @throws KafkaException when one is not; all may be tried again
   */
  void await() throws InterruptedException {
    for (Letter letter : underWay) {
      await(letter.outcome);
      learnt.letterIsSafe(letter.partition, letter.offset);
    }
    underWay.clear();
  }

  private static void await(Future<Void> outcome) throws InterruptedException {
    try {
      outcome.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException("a record cannot be put aside: " + Failures.rootMessage(e), e);
    } catch (TimeoutException e) {
      throw new KafkaException("no answer about a dead letter in " + TIMEOUT_SECONDS + " s", e);
    }
  }

  /** What is under way is not waited for any more; its records are read again. */
  void abandon() {
    underWay.clear();
  }
}

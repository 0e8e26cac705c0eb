package dev.tocsin.alert.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.rules.follow.Membership;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Failures;
import dev.tocsin.common.kafka.Transactions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * One Kafka transaction a call. Statements about alerts carry the membership of the consumer group
 * that decides who owns which rule group: Kafka refuses them from a process that has been taken for
 * dead and does not know it yet.
 */
public final class KafkaPublisher implements Publisher {
  private final Transactions transactions;
  private final Supplier<Membership> membership;

  public KafkaPublisher(Transactions transactions, Supplier<Membership> membership) {
    this.transactions = transactions;
    this.membership = membership;
  }

  @Override
  public Voice voice() {
    Membership as = membership.get();
    return (notices, heartbeats) -> announce(as, notices, heartbeats);
  }

  private void announce(Membership as, List<Notice> notices, List<AlertHeartbeat> heartbeats) {
    attempt(
        () -> {
          List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
          notices.forEach(notice -> add(messages, notice));
          if (!heartbeats.isEmpty()) {
            int partitions = transactions.partitions(Topic.ALERTS);
            heartbeats.forEach(heartbeat -> add(messages, heartbeat, partitions));
          }
          ConsumerGroupMetadata member = as.member();
          if (member == null) {
            transactions.commit(messages);
          } else {
            transactions.commit(messages, as.positions(), member);
          }
        });
  }

  private static void add(List<ProducerRecord<byte[], byte[]>> messages, Notice notice) {
    AlertEvent event = notice.event();
    if (event != null) {
      messages.add(
          new ProducerRecord<>(
              Topic.ALERTS.name(), event.fingerprint().getBytes(UTF_8), event.encode()));
    }
    AlertStateRecord state = notice.state();
    messages.add(
        new ProducerRecord<>(
            Topic.ALERT_STATE.name(),
            notice.key().getBytes(UTF_8),
            state == null ? null : state.encode()));
  }

  private static void add(
      List<ProducerRecord<byte[], byte[]>> messages, AlertHeartbeat heartbeat, int partitions) {
    byte[] value = heartbeat.encode();
    for (int partition = 0; partition < partitions; partition++) {
      messages.add(new ProducerRecord<>(Topic.ALERTS.name(), partition, null, value));
    }
  }

  @Override
  public void record(List<GaugeSample> samples) {
    attempt(
        () -> {
          List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
          GaugeRequests.encode(samples, transactions.partitions(Topic.DERIVED))
              .forEach(
                  (partition, values) ->
                      values.forEach(
                          value ->
                              messages.add(
                                  new ProducerRecord<>(
                                      Topic.DERIVED.name(), partition, null, value))));
          transactions.commit(messages);
        });
  }

  private static void attempt(Runnable transaction) {
    try {
      transaction.run();
    } catch (Transactions.UndecidedException e) {
      throw new Undecided(Failures.rootMessage(e), e);
    } catch (KafkaException e) {
      throw Failures.environmental(e) ? e : new Refused(Failures.rootMessage(e), e);
    } catch (RuntimeException e) {
      throw new Refused(e.toString(), e);
    }
  }

  @Override
  public void settle() {
    transactions.settle();
  }

  @Override
  public void close() {
    try {
      transactions.close();
    } catch (Exception e) {
      throw new IllegalStateException("the alert producer did not close: " + e.getMessage(), e);
    }
  }
}

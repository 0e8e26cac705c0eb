package dev.tocsin.embedded;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The properties of our single broker and controller. */
final class BrokerProperties {
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("auto.create.topics.enable", "false"),
          // One broker: nothing can be replicated.
          Map.entry("default.replication.factor", "1"),
          Map.entry("min.insync.replicas", "1"),
          Map.entry("offsets.topic.replication.factor", "1"),
          Map.entry("offsets.topic.num.partitions", "4"),
          Map.entry("transaction.state.log.replication.factor", "1"),
          Map.entry("transaction.state.log.min.isr", "1"),
          Map.entry("transaction.state.log.num.partitions", "4"),
          Map.entry("share.coordinator.state.topic.replication.factor", "1"),
          Map.entry("share.coordinator.state.topic.min.isr", "1"),
          Map.entry("share.coordinator.state.topic.num.partitions", "1"),
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          // Small segments and frequent checkpoints: less to recover after a crash, and retention
          // that acts before the disk is full.
          Map.entry("log.segment.bytes", Integer.toString(64 << 20)),
          Map.entry("log.flush.offset.checkpoint.interval.ms", "10000"),
          Map.entry("log.retention.check.interval.ms", "30000"),
          Map.entry("metadata.log.segment.bytes", Integer.toString(32 << 20)),
          Map.entry("message.max.bytes", Integer.toString(16 << 20)),
          Map.entry("socket.request.max.bytes", Integer.toString(32 << 20)),
          Map.entry("queued.max.request.bytes", Integer.toString(96 << 20)),
          Map.entry("socket.send.buffer.bytes", Integer.toString(1 << 20)),
          Map.entry("socket.receive.buffer.bytes", Integer.toString(1 << 20)),
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "4"),
          Map.entry("background.threads", "2"),
          Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20)),
          // After a crash the controller waits for the dead broker's session to run out before it
          // lets the new one register: 9 s by default, and nothing serves until then.
          Map.entry("broker.session.timeout.ms", "4000"),
          Map.entry("broker.heartbeat.interval.ms", "1000"),
          // An idle broker has nothing to say: no metadata record twice a second.
          Map.entry("metadata.max.idle.interval.ms", "10000"));

  private BrokerProperties() {}

  static Map<String, String> of(
      Path logDirectory, int port, int controllerPort, Map<String, String> overrides) {
    Map<String, String> all = new TreeMap<>(DEFAULTS);
    all.putAll(overrides);
    String client = "PLAINTEXT://" + Ports.HOST + ":" + port;
    String controller = "CONTROLLER://" + Ports.HOST + ":" + controllerPort;
    all.put("process.roles", "broker,controller");
    all.put("node.id", "1");
    all.put("controller.quorum.voters", "1@" + Ports.HOST + ":" + controllerPort);
    addTo(all, "listeners", client + "," + controller);
    addTo(all, "advertised.listeners", client);
    addTo(all, "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("controller.listener.names", "CONTROLLER");
    all.put("inter.broker.listener.name", "PLAINTEXT");
    all.put("log.dirs", logDirectory.toString());
    return all;
  }

  /** Ours come first; more of the same kind may follow. */
  private static void addTo(Map<String, String> all, String name, String ours) {
    all.merge(name, ours, (more, first) -> first + "," + more);
  }
}

package dev.tocsin.testkit.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/**
 * Exports of traces, metrics and logs, the same for the same seed and time: ordinary ones, ones
 * with some odd field or one odd shape, random ones, and damaged ones, in protobuf and in JSON.
 */
public final class HostileExports {
  private static final List<Signal> SIGNALS = List.of(Signal.TRACES, Signal.METRICS, Signal.LOGS);
  private static final int TWISTS_MAX = 3;
  private static final String STRING_VALUE = "\"stringValue\":\"";

  private final SplittableRandom random;
  private final long nowNanos;
  private final StringJoiner description = new StringJoiner("; ");

  private HostileExports(long seed, Instant now) {
    this.random = new SplittableRandom(seed);
    this.nowNanos = now.toEpochMilli() * 1_000_000;
  }

  /**
   * The export of a seed.
   *
   * @param now most of its times are of the minute before
   */
  public static Export of(long seed, Instant now) {
    return new HostileExports(seed, now).export(seed);
  }

  private Export export(long seed) {
    Signal signal = SIGNALS.get(random.nextInt(SIGNALS.size()));
    Message request = request(signal);
    int items = Requests.items(request);
    Format format = random.nextInt(3) == 0 ? Format.JSON : Format.PROTOBUF;
    byte[] body = format == Format.JSON ? json(request).getBytes(UTF_8) : request.toByteArray();
    if (random.nextInt(6) == 0) {
      description.add("damaged");
      var damage = new WireDamage(random);
      for (int i = 1 + random.nextInt(2); i > 0; i--) {
        body = format == Format.JSON ? damage.plain(body) : damage.damage(body);
      }
    }
    return new Export(seed, signal, format, body, items, description.toString());
  }

  private Message request(Signal signal) {
    int dice = random.nextInt(20);
    if (dice == 0) {
      description.add("random");
      return new RandomMessages(random, nowNanos).request(signal);
    }
    if (dice < 5) {
      var shapes = new Shapes(random, nowNanos).of(signal);
      var shape = shapes.get(random.nextInt(shapes.size()));
      description.add(shape.name());
      return shape.request().get().build();
    }
    Message.Builder request = new Ordinary(random, nowNanos).request(signal);
    if (dice < 9) {
      description.add("ordinary");
    } else {
      for (int i = 1 + random.nextInt(TWISTS_MAX); i > 0; i--) {
        description.add(new OddFields(random, nowNanos).twist(request));
      }
    }
    return request.build();
  }

  /** Some texts get half a character, which JSON can say and UTF-8 cannot. */
  private String json(Message request) {
    String json = HostileJson.of(request);
    if (random.nextInt(8) > 0) {
      return json;
    }
    description.add("lone surrogate");
    return json.replaceFirst(STRING_VALUE, STRING_VALUE + "\\\\ud83d");
  }
}

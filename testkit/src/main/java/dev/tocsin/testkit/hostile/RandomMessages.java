package dev.tocsin.testkit.hostile;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import java.util.SplittableRandom;

/**
 * Messages with any of their fields set, whatever these mean: shapes that no SDK makes but the
 * protocol allows. Not thread-safe.
 */
final class RandomMessages {
  /** Values hold values without an end; most of a request lies not deeper than that. */
  private static final int DEPTH_MAX = 9;

  private static final int REPEATED_MAX = 3;

  private final SplittableRandom random;
  private final OddValues values;

  RandomMessages(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.values = new OddValues(random, nowNanos);
  }

  Message request(Signal signal) {
    Message.Builder builder = Requests.empty(signal).newBuilderForType();
    fill(builder, 0);
    return builder.build();
  }

  /** Sets about half of the fields; of a oneof the last that is set stays. */
  private void fill(Message.Builder builder, int depth) {
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      boolean container = depth < 3 && message;
      if (message && depth >= DEPTH_MAX) {
        continue;
      }
      if (!container && random.nextBoolean()) {
        continue;
      }
      if (field.isRepeated()) {
        int most = container ? REPEATED_MAX : 1 + random.nextInt(REPEATED_MAX);
        for (int i = random.nextInt(most + 1); i > 0; i--) {
          builder.addRepeatedField(field, value(builder, field, depth));
        }
      } else {
        builder.setField(field, value(builder, field, depth));
      }
    }
  }

  private Object value(Message.Builder parent, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        Message.Builder child = parent.newBuilderForField(field);
        fill(child, depth + 1);
        yield child.build();
      }
      case STRING -> values.text();
      case BYTE_STRING -> values.id(field.getName().contains("trace_id") ? 16 : 8);
      case LONG -> field.getName().endsWith("unix_nano") ? values.nanos() : values.number();
      case INT -> values.integer();
      case DOUBLE -> values.decimal();
      case FLOAT -> (float) values.decimal();
      case BOOLEAN -> random.nextBoolean();
      case ENUM -> enumValue(field.getEnumType());
    };
  }

  private Object enumValue(EnumDescriptor type) {
    int number = values.isOdd() ? values.integer() : random.nextInt(type.getValues().size());
    return type.findValueByNumberCreatingIfUnknown(number);
  }
}

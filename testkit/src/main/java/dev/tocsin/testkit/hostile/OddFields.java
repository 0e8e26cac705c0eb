package dev.tocsin.testkit.hostile;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes one thing in a request odd: a field gets an odd value, a message is repeated or emptied, or
 * gets fields that nobody knows. Not thread-safe.
 */
final class OddFields {
  private static final int STOP_ONE_IN = 5;

  /** An unknown group in an attribute of a span is then still followed by parsers. */
  private static final int GROUPS_MAX = 90;

  private final SplittableRandom random;
  private final OddValues values;

  OddFields(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.values = new OddValues(random, nowNanos);
  }

  /**
   * Goes down to some message and makes something in it odd.
   *
   * @return what, and where
   */
  String twist(Message.Builder message) {
    List<FieldDescriptor> inner = new ArrayList<>();
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        inner.add(field);
      }
    }
    if (inner.isEmpty() || random.nextInt(STOP_ONE_IN) == 0) {
      return message.getDescriptorForType().getName() + " " + here(message);
    }
    FieldDescriptor field = inner.get(random.nextInt(inner.size()));
    if (!field.isRepeated()) {
      return twist(message.getFieldBuilder(field));
    }
    int index = random.nextInt(message.getRepeatedFieldCount(field));
    return switch (random.nextInt(12)) {
      case 0 -> {
        message.addRepeatedField(field, message.getRepeatedField(field, index));
        yield "twice the same " + field.getName();
      }
      case 1 -> {
        message.addRepeatedField(field, message.newBuilderForField(field).build());
        yield "an empty one among " + field.getName();
      }
      default -> twist(message.getRepeatedFieldBuilder(field, index));
    };
  }

  private String here(Message.Builder message) {
    List<FieldDescriptor> scalars =
        message.getDescriptorForType().getFields().stream()
            .filter(field -> field.getJavaType() != FieldDescriptor.JavaType.MESSAGE)
            .toList();
    if (scalars.isEmpty() || random.nextInt(6) == 0) {
      return unknown(message);
    }
    FieldDescriptor field = scalars.get(random.nextInt(scalars.size()));
    if (random.nextInt(8) == 0) {
      message.clearField(field);
      return "without " + field.getName();
    }
    Object value = odd(field);
    if (field.isRepeated()) {
      message.addRepeatedField(field, value);
    } else {
      message.setField(field, value);
    }
    return field.getName() + " " + shown(value);
  }

  private static String shown(Object value) {
    String text = value instanceof String odd ? HostileJson.quoted(odd) : value.toString();
    return text.length() > 60 ? text.substring(0, 60).strip() + "…" : text.strip();
  }

  private Object odd(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> values.oddText();
      case BYTE_STRING -> values.bytes(random.nextInt(40));
      case LONG -> field.getName().endsWith("unix_nano") ? values.oddNanos() : values.oddNumber();
      case INT -> (int) values.oddNumber();
      case DOUBLE -> values.oddDecimal();
      case FLOAT -> (float) values.oddDecimal();
      case BOOLEAN -> true;
      case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown((int) values.oddNumber());
      case MESSAGE -> throw new IllegalArgumentException(field.getFullName());
    };
  }

  private String unknown(Message.Builder message) {
    int groups = random.nextInt(GROUPS_MAX);
    UnknownFieldSet fields =
        UnknownFieldSet.newBuilder()
            .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(-1).addFixed32(7).build())
            .build();
    for (int i = 0; i < groups; i++) {
      var group = UnknownFieldSet.Field.newBuilder().addGroup(fields).build();
      fields = UnknownFieldSet.newBuilder().addField(1000, group).build();
    }
    message.setUnknownFields(fields);
    return "with unknown fields in " + groups + " groups";
  }
}

package dev.tocsin.app.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** OTLP's JSON: lowerCamelCase names, ids as hexadecimal digits, 64-bit numbers as strings. */
final class BatchJson {
  private static final String DIGITS_OF_A_TIME = "0".repeat(19);

  private final BatchModel model;
  private final StringBuilder text = new StringBuilder();
  private final List<RequestTemplate.Place> places = new ArrayList<>();

  BatchJson(BatchModel model) {
    this.model = model;
  }

  /** Places are counted in characters: all text here is ASCII. */
  RequestTemplate write(Message request) {
    message(request);
    return new RequestTemplate(
        text.toString().getBytes(StandardCharsets.US_ASCII), RequestTemplate.Form.TEXT, places);
  }

  private void message(Message message) {
    char separator = '{';
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      text.append(separator).append('"').append(field.getKey().getJsonName()).append("\":");
      if (field.getValue() instanceof List<?> values) {
        list(values);
      } else {
        value(field.getValue());
      }
      separator = ',';
    }
    text.append(separator == '{' ? "{}" : "}");
  }

  private void list(List<?> values) {
    char separator = '[';
    for (Object value : values) {
      text.append(separator);
      value(value);
      separator = ',';
    }
    text.append(separator == '[' ? "[]" : "]");
  }

  private void value(Object value) {
    if (value instanceof Message message) {
      message(message);
    } else if (value instanceof ByteString id) {
      id(id);
    } else if (value instanceof Long number) {
      number(number);
    } else if (value instanceof EnumValueDescriptor constant) {
      text.append(constant.getNumber());
    } else {
      text.append(Json.encode(value));
    }
  }

  private void id(ByteString id) {
    long first = id.asReadOnlyByteBuffer().getLong();
    if (!BatchModel.isMark(first)) {
      throw new IllegalStateException("an id that is no mark");
    }
    text.append('"');
    places.add(new RequestTemplate.Place(text.length(), model.at(first)));
    text.append("0".repeat(2 * id.size())).append('"');
  }

  private void number(long number) {
    long bytes = Long.reverseBytes(number);
    text.append('"');
    if (BatchModel.isMark(bytes)) {
      places.add(new RequestTemplate.Place(text.length(), model.at(bytes)));
      text.append(DIGITS_OF_A_TIME);
    } else {
      text.append(number);
    }
    text.append('"');
  }
}

package dev.tocsin.common.runtime;

import java.util.Map;

/** A whole service as the {@code tocsin} command and {@link ServiceMain} see it. */
public interface Service extends Component {

  /** Addresses people or programs use, by purpose, such as {@code OTLP gRPC -> 127.0.0.1:4317}. */
  Map<String, String> endpoints();
}

package dev.tocsin.incident.notify.email;

/** The mail server offered TLS and does not begin it. */
final class StartTlsRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartTlsRefusedException(String reply) {
    super("the mail server refused STARTTLS: " + reply);
  }
}

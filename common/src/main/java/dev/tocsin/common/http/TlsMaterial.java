package dev.tocsin.common.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * The files of a {@link TlsSettings} as they were read at one moment, proved to fit together: the
 * key signs what the certificate verifies, the certificate is valid now, the authorities can be
 * read. The static methods block.
 *
 * @param expiresAt of the server's own certificate
 * @param subject of the server's own certificate
 */
record TlsMaterial(Content content, ServerSSLOptions options, Instant expiresAt, String subject) {
  private static final List<String> KEY_TYPES = List.of("RSA", "EC", "EdDSA", "DSA");
  private static final byte[] CHALLENGE = {1, 2, 3, 4};

  /** What the files held. */
  record Content(Buffer cert, Buffer key, Optional<Buffer> clientCa) {}

  /**
   * @throws IOException when a file cannot be read
   */
  static Content read(TlsSettings settings) throws IOException {
    Optional<Path> clientCa = settings.clientCaFile();
    return new Content(
        file(settings.certFile().orElseThrow()),
        file(settings.keyFile().orElseThrow()),
        clientCa.isEmpty() ? Optional.empty() : Optional.of(file(clientCa.get())));
  }

  private static Buffer file(Path path) throws IOException {
    return Buffer.buffer(Files.readAllBytes(path));
  }

  /**
   * @throws GeneralSecurityException saying which file is wrong and why
   */
  static TlsMaterial of(Vertx vertx, TlsSettings settings, Content content, Instant now)
      throws GeneralSecurityException {
    PemKeyCertOptions pair =
        new PemKeyCertOptions().setCertValue(content.cert).setKeyValue(content.key);
    X509Certificate own = requirePair(vertx, settings, pair);
    own.checkValidity(Date.from(now));
    ServerSSLOptions options =
        new ServerSSLOptions()
            .setKeyCertOptions(pair)
            .setUseAlpn(true)
            .setEnabledSecureTransportProtocols(versions(settings.minVersion()));
    if (content.clientCa.isPresent()) {
      options
          .setTrustOptions(requireAuthorities(vertx, settings, content.clientCa.get()))
          .setClientAuth(ClientAuth.REQUIRED);
    }
    return new TlsMaterial(
        content, options, own.getNotAfter().toInstant(), own.getSubjectX500Principal().getName());
  }

  private static X509Certificate requirePair(
      Vertx vertx, TlsSettings settings, PemKeyCertOptions pair) throws GeneralSecurityException {
    String files = settings.certFile().orElseThrow() + ", " + settings.keyFile().orElseThrow();
    X509KeyManager keys;
    try {
      keys = keyManager(pair.getKeyManagerFactory(vertx).getKeyManagers());
    } catch (Exception e) {
      throw new GeneralSecurityException(
          files + ": no certificate and key in PEM (" + e.getMessage() + ")", e);
    }
    for (String type : KEY_TYPES) {
      String[] aliases = keys.getServerAliases(type, null);
      if (aliases != null && aliases.length > 0) {
        X509Certificate own = keys.getCertificateChain(aliases[0])[0];
        if (!fits(keys.getPrivateKey(aliases[0]), own)) {
          throw new GeneralSecurityException(files + ": the key is not that of the certificate");
        }
        return own;
      }
    }
    throw new GeneralSecurityException(files + ": no key (expected: one of " + KEY_TYPES + ")");
  }

  private static X509KeyManager keyManager(KeyManager... managers) throws GeneralSecurityException {
    for (KeyManager manager : managers) {
      if (manager instanceof X509KeyManager keys) {
        return keys;
      }
    }
    throw new GeneralSecurityException("no X.509 key manager");
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "DSA" -> "SHA256withDSA";
          default -> key.getAlgorithm();
        };
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(CHALLENGE);
    byte[] signature = signer.sign();
    if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(certificate.getPublicKey());
    verifier.update(CHALLENGE);
    return verifier.verify(signature);
  }

  private static PemTrustOptions requireAuthorities(Vertx vertx, TlsSettings settings, Buffer pem)
      throws GeneralSecurityException {
    PemTrustOptions trust = new PemTrustOptions().addCertValue(pem);
    try {
      trust.getTrustManagerFactory(vertx);
    } catch (Exception e) {
      throw new GeneralSecurityException(
          settings.clientCaFile().orElseThrow()
              + ": no certificates in PEM ("
              + e.getMessage()
              + ")",
          e);
    }
    return trust;
  }

  private static Set<String> versions(String min) {
    return new LinkedHashSet<>(
        min.equals("1.3") ? List.of("TLSv1.3") : List.of("TLSv1.2", "TLSv1.3"));
  }
}

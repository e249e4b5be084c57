"""Makes the signed fixtures with an independent implementation (signxml and lxml): python sign.py, in this folder.

Each run makes a new key and forgets it.
"""
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import XMLSigner, XMLVerifier, methods

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


class Legacy(XMLSigner):
    """SHA-1 is what real files are signed with."""

    def check_deprecated_methods(self):
        pass


def sign(name, algorithm, digest, c14n, prefix):
    text = open("status.xml", encoding="utf-8").read()
    place = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>'
    text = text.replace("</edXML:edXMLHeader>", place + "<!-- ký số --></edXML:edXMLHeader>")
    text = text.replace("<edXML:Mobile/>", "<edXML:Mobile note='a &quot;b&quot; &#9; &lt; &amp;'\n  b=\"2\" a='1' xml:lang=\"vi\">&gt; &#13;</edXML:Mobile>")
    root = etree.fromstring(text.encode())
    signer = Legacy(method=methods.enveloped, signature_algorithm=algorithm, digest_algorithm=digest, c14n_algorithm=c14n)
    signer.namespaces = {prefix: "http://www.w3.org/2000/09/xmldsig#"}
    signed = signer.sign(root, key=KEY, always_add_key_value=False)
    open(name, "wb").write(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


sign("signed-sha1.xml", "rsa-sha1", "sha1", INCLUSIVE, None)
sign("signed-sha256.xml", "rsa-sha256", "sha256", INCLUSIVE, "ds")
sign("signed-exclusive.xml", "rsa-sha256", "sha256", EXCLUSIVE, "ds")
sign("signed-sha512.xml", "rsa-sha512", "sha512", INCLUSIVE, "ds")
public = KEY.public_key()
form = serialization.PublicFormat.SubjectPublicKeyInfo
open("signer.pem", "wb").write(public.public_bytes(serialization.Encoding.PEM, form))

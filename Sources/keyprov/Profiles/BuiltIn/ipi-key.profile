# IPI Key (Hideez Key): the hardware key of the IPI Enterprise Server. Its protocol is closed.
title: IPI Key
role: key

source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"
source code: HES 3.8.4 source (2021-07): RemoteTaskService, the call that writes to the key
source client: HideezClient 3.8 source (2021-04): EditAccountViewModel, WindowsManager
source manual: Hideez Key 3 manual

field name: Account name [client]
field login: Login [client]
field secret: OTP Secret [client]
needed: name, secret [client]

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri, secret [client]
type: totp; others refused [faq]
algorithm: SHA1; others refused [code]
digits: 6; others refused [faq, code]
period: 30; others refused [faq]
secret-bytes: unknown

step: Bring the secret to the key by way of IPI Client (profile ipi-client) or of the server (profiles ies, hes-3.8, hes-3.6): this program does not write to an IPI Key. [code, client]
step confirm: Have the key type a code (Ctrl+Alt+O, or four presses) where the site asks for it. [client]

note: The key takes the time from the computer: a wrong clock there gives wrong codes. [faq]
note: A Hideez Key 3 holds up to 1,000 logins and passwords. [manual]

unknown: the protocol, over Bluetooth LE: the vendor's library is closed
unknown: which lengths of a secret it takes, and in which form it keeps them
unknown: an explicit statement of the hash; SHA1 follows from RFC 6238 and the missing parameter

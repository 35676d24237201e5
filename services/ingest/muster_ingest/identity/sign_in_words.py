# ruff: noqa: RUF001 - French writes its apostrophe like this
"""What the pages of signing in say, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final = "en"
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Sign in",
        "ask": "Give your e-mail address. You get a mail with a link that signs you in.",
        "address": "E-mail address",
        "send": "Send me a link",
        "sent": "If this address is known, a mail is on its way.",
        "sent_how": "Its link opens once, within 15 minutes, in this browser only.",
        "open": "Press the button to sign in.",
        "sign_in": "Sign in",
        "again": "Ask for a new link",
        "no_address": "This is not an e-mail address: write it like name@example.org.",
        "used": "This link was used already: each opens once.",
        "expired": "This link is older than 15 minutes.",
        "other_browser": "This link opens only in the browser that asked for it last. Open it there.",
        "unknown": "This link is not whole, or not one of ours.",
        "closed": "You cannot sign in any more. Ask whoever runs Muster in your organization.",
        "retry": "Try again",
        "unverified": "Your organization did not confirm this e-mail address. Ask whoever runs its sign-in.",
        "provider": "Signing in with your organization did not work.",
        "nobody": "Nobody with this address is known here. Ask whoever runs Muster in your organization.",
    },
    "fr": {
        "title": "Se connecter",
        "ask": "Indiquez votre adresse électronique. Vous recevrez un message avec un lien de connexion.",
        "address": "Adresse électronique",
        "send": "M’envoyer un lien",
        "sent": "Si cette adresse est connue, un message est en route.",
        "sent_how": "Son lien s’ouvre une seule fois, dans les 15 minutes, uniquement dans ce navigateur.",
        "open": "Appuyez sur le bouton pour vous connecter.",
        "sign_in": "Se connecter",
        "again": "Demander un nouveau lien",
        "no_address": "Ce n’est pas une adresse électronique : écrivez-la comme nom@example.org.",
        "used": "Ce lien a déjà servi : chacun ne s’ouvre qu’une fois.",
        "expired": "Ce lien date de plus de 15 minutes.",
        "other_browser": "Ce lien ne s’ouvre que dans le navigateur qui l’a demandé en dernier. Ouvrez-le là.",
        "unknown": "Ce lien est incomplet ou ne vient pas d’ici.",
        "closed": "Vous ne pouvez plus vous connecter. Adressez-vous aux responsables de Muster chez vous.",
        "retry": "Réessayer",
        "unverified": "Votre organisation n’a pas confirmé cette adresse. Adressez-vous à son service informatique.",
        "provider": "La connexion par votre organisation n’a pas fonctionné.",
        "nobody": "Cette adresse n’est pas connue ici. Adressez-vous aux responsables de Muster chez vous.",
    },
    "es": {
        "title": "Iniciar sesión",
        "ask": "Indique su dirección de correo electrónico. Recibirá un mensaje con un enlace para iniciar sesión.",
        "address": "Dirección de correo electrónico",
        "send": "Enviarme un enlace",
        "sent": "Si conocemos esta dirección, hay un mensaje en camino.",
        "sent_how": "Su enlace se abre una sola vez, en un plazo de 15 minutos y solo en este navegador.",
        "open": "Pulse el botón para iniciar sesión.",
        "sign_in": "Iniciar sesión",
        "again": "Pedir un enlace nuevo",
        "no_address": "Esto no es una dirección de correo electrónico: escríbala como nombre@example.org.",
        "used": "Este enlace ya se utilizó: cada uno se abre una sola vez.",
        "expired": "Este enlace tiene más de 15 minutos.",
        "other_browser": "Este enlace solo se abre en el navegador que lo pidió por última vez. Ábralo allí.",
        "unknown": "Este enlace está incompleto o no es nuestro.",
        "closed": "Ya no puede iniciar sesión. Diríjase a quienes administran Muster en su organización.",
        "retry": "Volver a intentarlo",
        "unverified": "Su organización no ha confirmado esta dirección. Diríjase a su servicio informático.",
        "provider": "No se ha podido iniciar sesión con su organización.",
        "nobody": "Aquí no se conoce esta dirección. Diríjase a quienes administran Muster en su organización.",
    },
}

"""The support mailbox: threads with replies, quotes, duplicates, automatic mail and spam."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.generator import story
from data.generator.compose import Composer, Matter, paths
from data.generator.corpus import Message
from data.generator.grammar import tidy
from data.generator.labels import Label
from data.generator.personas import Persona
from data.generator.personas import draw as draw_persona

SUPPORT = f"support@{story.DOMAIN}"
AGENTS = (
    "Priya N.",
    "Marek",
    "Dawn Ellery",
    "Callum",
    "Ingrid Solheim",
    "Tobias",
    "Shanice B.",
    "Declan",
    "Wiktoria",
    "Yusuf Demir",
    "Bethan",
)
FOLDERS = {"claims": "Claims", "charges": "Billing", "business": "Business", "account": "Accounts"}


class Mailbox:
    """Writes threads until the mailbox is full."""

    def __init__(self, composer: Composer, calendar: story.Calendar, rng: Random) -> None:
        self.composer = composer
        self.calendar = calendar
        self.rng = rng
        self.people: list[Persona] = []
        self.messages: list[Message] = []

    def fill(self, n: int) -> list[Message]:
        """Return exactly `n` messages."""
        while len(self.messages) < n:
            roll = self.rng.random()
            if roll < 0.035:
                self._spam()
            elif roll < 0.06:
                self._bounce()
            else:
                self._thread()
        return self.messages[:n]

    def _person(self) -> Persona:
        if self.people and self.rng.random() < 0.22:
            return self.rng.choice(self.people)
        self.people.append(draw_persona(self.composer.grammar, self.rng))
        return self.people[-1]

    def _add(
        self,
        when: datetime,
        thread: str,
        subject: str,
        body: str,
        labels: tuple[str, ...],
        *,
        who: Persona | None,
        sent: bool = False,
        cc: str = "",
        folder: str = "Inbox",
        sender: str = "",
    ) -> Message | None:
        if when.date() > story.LAST_DAY:
            return None
        customer = sender or (who.email if who else "")
        message = Message(
            when=when,
            labels=labels,
            row={
                "thread_id": thread,
                "subject": subject,
                "body": body,
                "from": SUPPORT if sent else customer,
                "to": customer if sent else SUPPORT,
                "cc": cc,
                "folder": "Sent" if sent else folder,
                "customer_tier": who.tier if who else "",
                "country": who.country if who else "",
                "parcels_sent": who.parcels if who else "",
            },
        )
        self.messages.append(message)
        return message

    def _thread(self) -> None:
        rng, composer, grammar = self.rng, self.composer, self.composer.grammar
        who, when = self._person(), self.calendar.draw(rng)
        agent = rng.choice(AGENTS)
        matter = composer.matter(who, "mail", when, extra=1.05, agent=agent)
        thread = f"T{len(self.messages) + 1:06d}"
        folder = FOLDERS.get(matter.labels[0].key.split("_")[0], "Inbox")
        subject = composer.subject(matter)
        empty = rng.random() < 0.012
        words = min(400.0, rng.lognormvariate(4.3, 0.78) * who.verbosity)
        labels: tuple[str, ...] = ()
        if empty:
            inner = rng.choice(("", "see attachment", "?", "as above", "Photo attached.", "see subject"))
            body = inner + ("\n\n" + composer.signature(matter) if inner else "")
        else:
            inner = composer.short(matter) if words < 14 else composer.body(matter, words)
            body = composer.mail(matter, inner)
            labels = paths(matter.labels[:1]) if words < 14 else paths(matter.labels)
        cc = who.second_email if rng.random() < 0.05 else ""
        first = self._add(when, thread, subject, body, labels, who=who, cc=cc, folder=folder)
        if first is None:
            return
        self._copies(first, matter, thread)
        if rng.random() < 0.05:
            receipt = grammar.say("auto.receipt", matter.facts, rng)
            self._add(
                when + timedelta(seconds=rng.randint(4, 90)),
                thread,
                f"Re: {subject}",
                receipt,
                (self.composer.labels["auto_reply"].path,),
                who=who,
                sent=True,
            )
        self._replies(first, matter, thread, subject, folder, agent)

    def _replies(
        self, first: Message, matter: Matter, thread: str, subject: str, folder: str, agent: str
    ) -> None:
        rng = self.rng
        last, from_customer, subject = first, True, f"{rng.choice(('Re', 'RE', 'Re', 'AW'))}: {subject}"
        chance = 0.5
        while rng.random() < chance:
            if from_customer and rng.random() < 0.82:
                when = story.later(last.when, rng, median_hours=9, office=True)
                body, labels = self._agent(matter, agent)
                body = self._quote(body, last, "outlook" if len(agent) % 2 else "angle")
                added = self._add(when, thread, subject, body, labels, who=matter.who, sent=True)
                from_customer = False
                if added and rng.random() < 0.03:
                    self._absent(added, matter, thread, subject)
            else:
                hours = 30 if from_customer else 7
                when = story.later(last.when, rng, median_hours=hours, office=False)
                body, labels = self._follow(matter, answered=not from_customer)
                body = self._quote(body, last, matter.who.quote)
                added = self._add(when, thread, subject, body, labels, who=matter.who, folder=folder)
                from_customer = True
            if added is None:
                return
            last, chance = added, chance * 0.86 + 0.04

    def _agent(self, matter: Matter, agent: str) -> tuple[str, tuple[str, ...]]:
        rng, grammar, facts = self.rng, self.composer.grammar, matter.facts
        facts["agent"] = agent
        about = self.composer.lines(matter, matter.labels[0], "agent") if rng.random() < 0.78 else []
        labels: tuple[Label, ...] = matter.labels[:1] if about else ()
        if about and len(matter.labels) > 1 and rng.random() < 0.45:
            about += self.composer.lines(matter, matter.labels[1], "agent")
            labels = matter.labels[:2]
        sign = grammar.say("agent.sign", facts, rng)
        if rng.random() < 0.16:
            inner = [grammar.say("agent.short", facts, rng), *about]
        else:
            inner = [
                grammar.say("agent.open", facts, rng),
                *about,
                *grammar.several("agent.middle", rng.randint(0, 3), facts, rng),
            ]
            if rng.random() < 0.7:
                inner.append(grammar.say("agent.close", facts, rng))
        hello = rng.choice(
            (
                f"Hi {matter.who.first},",
                f"Dear {matter.who.name},",
                f"Hello {matter.who.first}",
                f"Good morning {matter.who.first},",
                f"Dear {matter.who.first},",
            )
        )
        gap = "\n\n" if rng.random() < 0.5 else " "
        return f"{hello}\n\n{gap.join(inner)}\n\n{sign}", paths(labels)

    def _follow(self, matter: Matter, *, answered: bool) -> tuple[str, tuple[str, ...]]:
        rng, composer, grammar = self.rng, self.composer, self.composer.grammar
        if answered and rng.random() < 0.3:
            symbol = "service_thanks.core"
            lines = grammar.several(symbol, 1 + (rng.random() < 0.25), matter.facts, rng)
            return composer.mail(matter, composer.talk(matter, lines), reply=True), (
                composer.labels["service_thanks"].path,
            )
        if answered:
            lines = grammar.several(
                "follow.reply" if rng.random() < 0.5 else "follow.info", 1, matter.facts, rng
            )
        else:
            lines = grammar.several("follow.chase", 1, matter.facts, rng)
        labels: tuple[Label, ...] = ()
        if rng.random() < 0.62:
            if rng.random() < 0.3:
                lines.append(grammar.say("follow.still", matter.facts, rng))
            lines += composer.lines(matter, matter.labels[0], "core")
            lines += composer.lines(matter, matter.labels[0], "detail") if rng.random() < 0.5 else []
            labels = matter.labels[:1]
            if len(matter.labels) > 1 and rng.random() < 0.3:
                lines += composer.lines(matter, matter.labels[1], "core")
                labels = matter.labels[:2]
        for key, chance in (("service_escalation", 0.14), ("service_unreachable", 0.0 if answered else 0.14)):
            label = composer.labels[key]
            if label not in labels and rng.random() < chance:
                lines += composer.lines(matter, label, "core")
                labels = (*labels, label)
        if rng.random() < 0.3 * matter.who.verbosity:
            back = rng.choice(matter.labels[0].back)
            lines += grammar.several(f"back.{back}", 1, matter.facts, rng)
        if rng.random() < 0.35:
            lines += grammar.several("ask.any", 1, matter.facts, rng)
        return composer.mail(matter, composer.talk(matter, lines), reply=True), paths(labels)

    def _quote(self, body: str, last: Message, style: str) -> str:
        if style == "none":
            return body
        text = str(last.row["body"])
        kept = text.split("\n")[:40]
        depth = [line for line in kept if not line.startswith((">>", "> >"))]
        when, sender = last.when, last.row["from"]
        if style == "outlook":
            head = (
                f"-----Original Message-----\nFrom: {sender}\nSent: {when:%d %B %Y %H:%M}\n"
                f"To: {last.row['to']}\nSubject: {last.row['subject']}\n\n"
            )
            cut = next((i for i, line in enumerate(depth) if line.startswith("-----Original")), len(depth))
            return f"{body}\n\n{head}" + "\n".join(depth[:cut])
        head = (
            f"On {when:%a, %d %b %Y at %H:%M}, {sender} wrote:"
            if style != "stars"
            else f"*** {sender} ({when:%Y-%m-%d %H:%M}) ***"
        )
        mark = {"angle": "> ", "wrote": "", "stars": "| "}[style]
        return f"{body}\n\n{head}\n" + "\n".join(f"{mark}{line}" for line in depth)

    def _copies(self, first: Message, matter: Matter, thread: str) -> None:
        rng, grammar = self.rng, self.composer.grammar
        roll = rng.random()
        if roll < 0.022:
            kind, minutes = "double", rng.randint(1, 40)
            note = tidy(grammar.say("double.line", matter.facts, rng)) + "\n\n" if rng.random() < 0.4 else ""
            subject, sender = str(first.row["subject"]), matter.who.email
        elif roll < 0.042:
            kind, minutes = "forward", rng.randint(60, 5000)
            note = (
                f"{grammar.say('forward.line', matter.facts, rng)}\n\n---------- Forwarded message ----------\n"
                f"From: {matter.who.email}\nDate: {first.when:%d/%m/%Y %H:%M}\n"
                f"Subject: {first.row['subject']}\n\n"
            )
            subject, sender = f"Fwd: {first.row['subject']}", matter.who.second_email
        else:
            return
        copy = self._add(
            first.when + timedelta(minutes=minutes),
            thread,
            subject,
            note + str(first.row["body"]),
            first.labels,
            who=matter.who,
            folder=str(first.row["folder"]),
            sender=sender,
        )
        if copy:
            copy.copy_of, copy.copy_kind = first, kind

    def _absent(self, last: Message, matter: Matter, thread: str, subject: str) -> None:
        text = self.composer.grammar.say("auto.ooo", matter.facts, self.rng)
        self._add(
            last.when + timedelta(seconds=self.rng.randint(2, 30)),
            thread,
            f"Automatic reply: {subject}",
            f"{text}\n\n{matter.who.name}",
            (self.composer.labels["auto_reply"].path,),
            who=matter.who,
        )

    def _bounce(self) -> None:
        who, when = self._person(), self.calendar.draw(self.rng)
        matter = self.composer.matter(who, "mail", when)
        text = self.composer.grammar.say("auto.bounce", matter.facts, self.rng)
        if self.rng.random() < 0.3:
            text, title, label = (
                self.composer.grammar.say("auto.ooo", matter.facts, self.rng),
                "Out of office",
                "auto_reply",
            )
        else:
            title, label = "Undelivered mail returned to sender", "auto_bounce"
        sender = f"mailer-daemon@{who.email.split('@')[1]}" if label == "auto_bounce" else who.email
        self._add(
            when,
            f"T{len(self.messages) + 1:06d}",
            title,
            text,
            (self.composer.labels[label].path,),
            who=None,
            sender=sender,
        )

    def _spam(self) -> None:
        who, when = draw_persona(self.composer.grammar, self.rng), self.calendar.draw(self.rng)
        matter = self.composer.matter(who, "mail", when)
        say = self.composer.grammar.say
        self._add(
            when,
            f"T{len(self.messages) + 1:06d}",
            say("spam.subject", matter.facts, self.rng),
            f"{say('spam.body', matter.facts, self.rng)}\n\n{who.name}",
            (),
            who=None,
            folder="Junk" if self.rng.random() < 0.6 else "Inbox",
            sender=who.email,
        )

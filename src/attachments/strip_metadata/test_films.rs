//! Tests with videos that contain a marker at every possible place, compared with their copies.

use super::UnknownLayout;
use super::trying::{MARKER, copy, holds};

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [u32::try_from(content.len() + 8).unwrap().to_be_bytes().as_slice(), kind, &content].concat()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A unit with its length prefix.
fn unit(bytes: &[u8]) -> Vec<u8> {
    [u32::try_from(bytes.len()).unwrap().to_be_bytes().as_slice(), bytes].concat()
}

fn turn() -> Vec<u8> {
    words(&[0, 0x0001_0000, 0, 0xffff_0000, 0, 0, 1080 << 16, 0, 0x4000_0000])
}

/// A video with one track: its box contents and samples.
struct TestFilm {
    kind: [u8; 4],
    entry: Vec<u8>,
    samples: Vec<Vec<u8>>,
    /// Appended to the content of these boxes.
    behind: Vec<([u8; 4], Vec<u8>)>,
    /// Replaces the content of these boxes.
    instead: Vec<([u8; 4], Vec<u8>)>,
}

impl TestFilm {
    fn of_avc(config: &[u8], samples: &[Vec<u8>]) -> Self {
        Self::picture(*b"avc1", &boxed(b"avcC", &[config]), samples)
    }

    fn picture(kind: [u8; 4], children: &[u8], samples: &[Vec<u8>]) -> Self {
        let mut entry = vec![0; 78];
        entry[7] = 1;
        entry.extend(children);
        Self { kind, entry, samples: samples.to_vec(), behind: Vec::new(), instead: Vec::new() }
    }

    fn sound(kind: [u8; 4], children: &[u8]) -> Self {
        let mut entry = vec![0; 28];
        entry[7] = 1;
        entry[17] = 2;
        entry[19] = 16;
        entry[24..28].copy_from_slice(&[0xac, 0x44, 0, 0]);
        entry.extend(children);
        Self { kind, entry, samples: vec![b"a sound of some bytes".to_vec()], behind: Vec::new(), instead: Vec::new() }
    }

    fn with(mut self, kind: &[u8; 4], bytes: &[u8]) -> Self {
        self.behind.push((*kind, bytes.to_vec()));
        self
    }

    fn made(&self, kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let own = self.instead.iter().find(|(other, _)| other == kind).map_or(content, |(_, other)| other);
        let more = self.behind.iter().filter(|(other, _)| other == kind).flat_map(|(_, bytes)| bytes.clone());
        boxed(kind, &[own, &more.collect::<Vec<_>>()])
    }

    fn contents(&self, place: u32) -> Vec<u8> {
        let is_sound = self.entry.len() < 78 || self.entry[17] == 2;
        let count = u32::try_from(self.samples.len()).unwrap();
        let sizes: Vec<u32> = self.samples.iter().map(|sample| u32::try_from(sample.len()).unwrap()).collect();
        let tables = [
            self.made(b"stsd", &[words(&[0, 1]), boxed(&self.kind, &[&self.entry])].concat()),
            self.made(b"stts", &words(&[0, 1, count, 1000])),
            self.made(b"ctts", &words(&[0, 1, count, 0])),
            self.made(b"stss", &words(&[0, 1, 1])),
            self.made(b"stsc", &words(&[0, 1, 1, count, 1])),
            self.made(b"stsz", &[words(&[0, 0, count]), words(&sizes)].concat()),
            self.made(b"stco", &words(&[0, 1, place])),
        ]
        .concat();
        let reference = self.made(b"dref", &[words(&[0, 1]), boxed(b"url ", &[&words(&[1])])].concat());
        let head = if is_sound { self.made(b"smhd", &[0; 8]) } else { self.made(b"vmhd", &[0; 12]) };
        let info = boxed(b"minf", &[&head, &boxed(b"dinf", &[&reference]), &self.made(b"stbl", &tables)]);
        let handler = [words(&[0, 0]), if is_sound { b"soun".to_vec() } else { b"vide".to_vec() }, vec![0; 13]].concat();
        let media = boxed(
            b"mdia",
            &[&self.made(b"mdhd", &words(&[0, 1, 1, 1000, 2000, 0x15c7_0000])), &self.made(b"hdlr", &handler), &info],
        );
        let track = [words(&[7, 1, 1, 1, 0, 2000, 0, 0, 0, 0]), turn(), words(&[1920 << 16, 1080 << 16])].concat();
        let edits = boxed(b"edts", &[&self.made(b"elst", &words(&[0, 1, 2000, 0, 0x0001_0000]))]);
        let film = [words(&[0, 1, 1, 1000, 2000, 0x0001_0000, 0x0100_0000, 0, 0]), turn(), vec![0; 24], words(&[2])].concat();
        let tracks = boxed(b"trak", &[&self.made(b"tkhd", &track), &edits, &media]);
        boxed(b"moov", &[&self.made(b"mvhd", &film), &tracks])
    }

    fn bytes(&self) -> Vec<u8> {
        let kind = self.made(b"ftyp", b"isom\0\0\x02\0isommp42");
        let place = u32::try_from(kind.len() + self.contents(0).len() + 8).unwrap();
        [kind, self.contents(place), boxed(b"mdat", &[&self.samples.concat()])].concat()
    }

    fn copy(&self) -> Result<Vec<u8>, UnknownLayout> {
        copy(&self.bytes(), "video/mp4")
    }

    #[track_caller]
    fn clean_copy(&self) -> Vec<u8> {
        let copied = self.copy().unwrap();
        assert!(!holds(&copied, MARKER), "{}", String::from_utf8_lossy(&copied));
        assert_eq!(copied.len(), self.bytes().len());
        copied
    }
}

const SET: &[u8] = b"\x67\x42\x00\x1e\xab\x40";
const PARAMETERS: &[u8] = b"\x68\xce\x38\x80";

fn avc() -> Vec<u8> {
    [b"\x01\x42\x00\x1e\xff\xe1\x00\x06", SET, b"\x01\x00\x04", PARAMETERS].concat()
}

fn hevc(arrays: &[u8]) -> Vec<u8> {
    let mut config = vec![1; 21];
    config.push(0x0f);
    config.extend(arrays);
    config
}

fn slice() -> Vec<u8> {
    unit(b"\x65picture of some bytes")
}

fn film() -> TestFilm {
    TestFilm::of_avc(&avc(), &[slice(), slice()])
}

#[test]
fn what_is_not_changed_stays() {
    let (own, copied) = (film().bytes(), film().clean_copy());
    // Times, language, resolution, frame count, depth, and the channel layout.
    let changed = own.iter().zip(&copied).filter(|(own, copied)| own != copied).count();
    assert!(changed < 40, "{changed}");
    assert!(holds(&copied, &turn()) && holds(&copied, &avc()) && holds(&copied, &slice()));
    assert_eq!(copy(&copied, "video/mp4").unwrap(), copied, "a copy of a copy is the same");
}

#[test]
fn nothing_stands_behind_the_fields_of_a_box() {
    for kind in
        [b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"elst", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"ftyp"]
    {
        film().with(kind, MARKER).clean_copy();
    }
    let around = boxed(b"url ", &[&words(&[1]), MARKER]);
    TestFilm { instead: vec![(*b"dref", [words(&[0, 1]), around].concat())], ..film() }.clean_copy();
    for kind in [b"sgpd", b"sbgp", b"free", b"skip", b"meta", b"udta", b"uuid", b"cslg", b"stts"] {
        film().with(b"stbl", &boxed(kind, &[MARKER])).clean_copy();
    }
}

#[test]
fn nothing_stands_in_the_fields_either() {
    let (own, marker) = (film().bytes(), b"MARK");
    let find = |kind: &[u8; 4]| own.windows(4).position(|window| window == kind).unwrap() + 4;
    let places = [
        (find(b"mvhd"), (4..12).chain(20..36).chain(36..100).collect::<Vec<_>>()),
        (find(b"tkhd"), (4..12).chain(16..20).chain(24..84).collect()),
        (find(b"mdhd"), (4..12).chain(20..24).collect()),
        (find(b"hdlr"), (0..8).chain(12..24).collect()),
        (find(b"ftyp"), (4..16).collect()),
        (find(b"avc1"), (8..24).chain(28..78).collect()),
        (find(b"vmhd"), (0..12).collect()),
    ];
    for (begin, offsets) in places {
        for offset in offsets.into_iter().step_by(4) {
            let mut film = own.clone();
            film[begin + offset..begin + offset + 4].copy_from_slice(marker);
            if let Ok(copied) = copy(&film, "video/mp4") {
                assert!(!holds(&copied, marker), "{begin} {offset}");
            }
        }
    }
}

#[test]
fn descriptions_of_a_sound_keep_what_is_known() {
    let info = b"\x05\x02\x12\x08";
    let numbers = b"\x40\x15MARKERQX...";
    let esds = |info: &[u8], more: &[u8], behind: &[u8]| {
        let length = |part: &[u8]| u8::try_from(part.len()).unwrap();
        let config = [numbers, info, more].concat();
        let stream = [b"\0\x01\0\x04".as_slice(), &[length(&config)], &config, b"\x06\x01\x02", more].concat();
        boxed(b"esds", &[&[0; 4], &[3, length(&stream)], &stream, behind])
    };
    let other = [b"\x0a\x08".as_slice(), MARKER].concat();
    let long = [b"\x05\x0a\x12\x08".as_slice(), MARKER].concat();
    for (child, kept) in [
        (boxed(b"chan", &[&[0; 8], MARKER]), &b"free"[..]),
        (boxed(b"chan", &[&words(&[0, 0x0064_0001, 0, 0]), MARKER]), b"chan"),
        (boxed(b"chan", &[&words(&[0, 0x0064_0001, 0, 1]), MARKER]), b"free"),
        (esds(info, b"", MARKER), info),
        (esds(info, &other, b""), info),
        (esds(&long, b"", b""), &long[..4]),
        (boxed(b"wave", &[&boxed(b"frma", &[b"mp4a", MARKER]), &boxed(b"name", &[MARKER]), &esds(info, &other, b"")]), info),
        (boxed(b"uuid", &[MARKER]), b"free"),
        ([esds(info, b"", b""), b"MARKERQ".to_vec()].concat(), info),
        ([esds(info, b"", b""), esds(info, b"", MARKER)].concat(), info),
    ] {
        let copied = TestFilm::sound(*b"mp4a", &child).clean_copy();
        assert!(holds(&copied, kept) && holds(&copied, b"a sound of some bytes"), "{}", String::from_utf8_lossy(&copied));
        assert!(!holds(&copied, b"MARKER"));
    }
    for (kind, child, kept) in [
        (b"samr", boxed(b"damr", &[b"NOKI\x01\x81\xff\x00\x01", MARKER]), &b"\x81\xff\x00\x01"[..]),
        (b"alac", boxed(b"alac", &[&[0; 4], &[7; 24], MARKER]), &[7; 12]),
        (b"Opus", boxed(b"dOps", &[&[0, 2, 1, 56, 0, 0, 0xbb, 0x80, 0, 0, 0], MARKER]), &[2, 1, 56]),
        (b"fLaC", boxed(b"dfLa", &[&[0; 4], &[0, 0, 0, 34], &[9; 18], MARKER, MARKER, &[4, 0, 0, 8], MARKER]), &[9; 18]),
    ] {
        let copied = TestFilm::sound(*kind, &child).clean_copy();
        assert!(holds(&copied, kept) && !holds(&copied, b"NOKI"));
    }
    // Channel comments, a URL, and an audio format with text in its frames.
    assert!(TestFilm::sound(*b"mp4a", &esds(b"\x05\x02\x12\x00", b"", b"")).copy().is_err());
    assert!(TestFilm::sound(*b".mp3", b"").copy().is_err());
}

#[test]
fn descriptions_of_a_picture_keep_what_is_known() {
    let colour = |kind: &[u8; 4], more: &[u8]| boxed(b"colr", &[kind, &[0, 1, 0, 1, 0, 1], more]);
    for (child, is_kept) in [
        (colour(b"nclx", &[&[0x80], MARKER].concat()), true),
        (colour(b"nclc", MARKER), true),
        (colour(b"prof", MARKER), false),
        (boxed(b"pasp", &[&words(&[1, 1]), MARKER]), true),
        (boxed(b"pasp", &[MARKER]), false),
        (boxed(b"btrt", &[MARKER, &[0; 4]]), false),
        (boxed(b"dvvC", &[MARKER]), false),
    ] {
        let children = [boxed(b"avcC", &[&avc(), MARKER]), child.clone()].concat();
        let copied = TestFilm::picture(*b"avc1", &children, &[slice()]).clean_copy();
        assert_eq!(holds(&copied, &child[4..8]), is_kept, "{}", String::from_utf8_lossy(&child));
    }
    let mut high = avc();
    high[1] = 100;
    let copied = TestFilm::of_avc(&[high.as_slice(), b"\xfd\xf8\xf8\x01\x00\x08", MARKER].concat(), &[slice()]).clean_copy();
    assert!(holds(&copied, b"\xfd\xf8\xf8\0"));
    let long = [b"\x01\x42\x00\x1e\xff\xe1\x04\x00\x67".as_slice(), &[1; 1023], b"\x00"].concat();
    assert!(TestFilm::of_avc(&long, &[slice()]).copy().is_err(), "no set of parameters is that long");
    let arrays = [b"\x02\x20\0\x01\0\x04\x40\x01\x0c\x01\x27\0\x01\0\x0d\x4e\x01\x05\x08".as_slice(), MARKER, b"\x80"].concat();
    let picture = TestFilm::picture(*b"hvc1", &boxed(b"hvcC", &[&hevc(&arrays), MARKER]), &[unit(b"\x26\x01picture")]);
    assert!(holds(&picture.clean_copy(), b"\x4e\x01\x03\x08\xff\xff\xff\xff\xff\xff\xff\xff\x80"));
    for jpeg in [b"jpeg", b"mjpa", b"av01"] {
        assert!(TestFilm::picture(*jpeg, b"", &[MARKER.to_vec()]).copy().is_err());
    }
}

#[test]
fn messages_in_a_film_of_avc_become_empty() {
    for length in (0..20).chain(240..270).chain(500..530).chain([70_000]) {
        let note = [b"\x06\x05".as_slice(), &MARKER.repeat(length / 8 + 1)[..length]].concat();
        let samples = [[unit(&note), slice()].concat(), slice()];
        let copied = TestFilm::of_avc(&avc(), &samples).clean_copy();
        let begin = copied.len() - samples.concat().len() + 5;
        let message = &copied[begin..begin + note.len() - 1];
        assert!(holds(&copied, &slice()) && message.last() == Some(&0x80), "{length}");
        assert!(length < 2 || says_nothing(message), "{length}: {message:?}");
    }
    for other in [b"\x0c", b"\x0e", b"\x18", b"\x1f", b"\x09", b"\x67"] {
        let content = if other == b"\x67" { MARKER.repeat(40) } else { MARKER.to_vec() };
        let copied = TestFilm::of_avc(&avc(), &[[slice(), unit(&[other.as_slice(), &content].concat())].concat()]).clean_copy();
        assert!(holds(&copied, b"\x0c\xff\xff\xff\xff\xff\xff\xff\x80") || content.len() > 8);
    }
    let kept = [unit(b"\x09\xf0"), unit(SET), unit(PARAMETERS), slice()].concat();
    assert!(holds(&TestFilm::of_avc(&avc(), std::slice::from_ref(&kept)).clean_copy(), &kept));
    assert!(TestFilm::of_avc(&avc(), &[[slice(), MARKER.to_vec()].concat()]).copy().is_err(), "not of units");
}

/// Whether a message consists of filler payloads only.
fn says_nothing(message: &[u8]) -> bool {
    let mut rest = message;
    while let [3, more @ ..] = rest {
        let full = more.iter().take_while(|byte| **byte == 0xff).count();
        // The remainder of the length is not 255.
        let count = (0..=full).find(|full| more[*full..].len() > 255 * full + usize::from(more[*full]) && more[*full] != 0xff);
        let Some(count) = count else { return false };
        let length = 255 * count + usize::from(more[count]);
        if !more[count + 1..][..length].iter().all(|byte| *byte == 0xff) {
            return false;
        }
        rest = &more[count + 1 + length..];
    }
    rest == [0x80]
}

#[test]
fn messages_in_a_film_of_hevc_become_empty() {
    let children = boxed(b"hvcC", &[&hevc(&[0])]);
    let picture = unit(b"\x26\x01picture");
    for head in [b"\x4e\x01", b"\x50\x01", b"\x4c\x01", b"\x7c\x01", b"\x46\x01", b"\x60\x01"] {
        let note = [head.as_slice(), b"\x05\x10", MARKER, MARKER, b"\x80"].concat();
        let film = TestFilm::picture(*b"hvc1", &children, &[[unit(&note), picture.clone()].concat()]);
        assert!(holds(&film.clean_copy(), &picture), "{head:02x?}");
    }
}

#[test]
fn words_of_an_encoder_of_mpeg4_go() {
    let sample = [b"\0\0\x01\xb2".as_slice(), MARKER, b"\0\0\x01\xb6picture"].concat();
    let note = [b"\0\0\x01\xb0\x01\0\0\x01\xb5\x09\0\0\x01\xb2".as_slice(), MARKER].concat();
    let config = [b"\x20\x11".as_slice(), &[0; 11], &[5, u8::try_from(note.len()).unwrap()], &note].concat();
    let length = |part: &[u8]| u8::try_from(part.len()).unwrap();
    let stream = [b"\0\x01\0\x04".as_slice(), &[length(&config)], &config, b"\x06\x01\x02"].concat();
    let esds = boxed(b"esds", &[&[0; 4], &[3, length(&stream)], &stream]);
    let copied = TestFilm::picture(*b"mp4v", &esds, &[sample]).clean_copy();
    assert!(holds(&copied, b"\0\0\x01\xb2\xff\xff\xff\xff\xff\xff\xff\xff\0\0\x01\xb6picture") && holds(&copied, b"\xb5\x09"));
}

#[test]
fn tables_say_as_much_as_there_is() {
    let with = |kind: &[u8; 4], numbers: &[u32]| TestFilm { instead: vec![(*kind, words(numbers))], ..film() };
    let mark = u32::from_be_bytes(*b"MARK");
    for (kind, numbers) in [
        (b"stts", &[0, 3, 2, 1000, mark, mark, mark, mark][..]),
        (b"stts", &[0, 2, 0, mark, mark, 1000]),
        (b"ctts", &[0, 2, 2, 0, mark, mark]),
    ] {
        let copied = with(kind, numbers).copy().unwrap();
        assert!(!holds(&copied, b"MARK"), "{kind:?}");
    }
    for (kind, numbers) in [
        (b"stss", &[0, 2, 1, mark][..]),
        (b"stss", &[0, 2, 2, 1]),
        (b"stsc", &[0, 2, 1, 2, 1, mark, mark, mark]),
        (b"stsc", &[0, 1, 1, 2, 2]),
        (b"stts", &[0, mark, 2, 1000]),
        (b"elst", &[0, 300, 2000, 0, 0x0001_0000]),
        (b"stsz", &[0, 0, 2_000_000]),
    ] {
        assert!(with(kind, numbers).copy().is_err(), "{kind:?} {numbers:?}");
    }
}

#[test]
fn a_film_has_few_boxes() {
    let empty = boxed(b"free", &[]);
    assert!(copy(&[film().bytes(), empty.repeat(30_000)].concat(), "video/mp4").is_err());
    assert!(film().with(b"stbl", &empty.repeat(30_000)).copy().is_err());
    assert!(film().with(b"stbl", &empty.repeat(5_000)).with(b"stsd", &empty.repeat(30_000)).copy().is_err());
    assert!(film().with(b"stbl", &empty.repeat(5_000)).copy().is_ok());
}

#[test]
fn a_film_that_lies_is_unclear_or_clean_and_never_a_panic() {
    let arrays = b"\x01\x27\0\x01\0\x06\x4e\x01\x05\x01\x01\x80";
    let hevc = TestFilm::picture(*b"hvc1", &boxed(b"hvcC", &[&hevc(arrays)]), &[unit(b"\x26\x01picture")]);
    let config = b"\x40\x15...........\x05\x02\x12\x08";
    let esds = boxed(b"esds", &[&[0; 4], b"\x03\x19\0\x01\0\x04\x11", config, b"\x06\x01\x02"]);
    let sound = TestFilm::sound(*b"mp4a", &boxed(b"wave", &[&boxed(b"frma", &[b"mp4a"]), &esds]));
    assert!(hevc.copy().is_ok() && sound.copy().is_ok());
    for film in [film().bytes(), hevc.bytes(), sound.bytes()] {
        for place in 0..film.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = film.clone();
                changed[place] = value;
                let _ = copy(&changed, "video/mp4");
            }
            let _ = copy(&film[..place], "video/mp4");
        }
    }
}
